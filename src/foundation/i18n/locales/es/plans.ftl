plan-close = Cerrar la brecha en «{ $question }»
plan-show = Mostrar si se cumple «{ $question }»

problem-no-agreed-gap-act-title = Falta un acta de brechas acordada
problem-no-agreed-gap-act-detail = Un plan de mejora nace de un acta de brechas firmada por ambas partes y vigente. Abra o renueve el acta de este proveedor y fírmenla; después cree el plan.
problem-plan-exists-title = Ya hay un plan de mejora
problem-plan-exists-detail = Este proveedor ya tiene un plan para este requerimiento. Modifíquelo, o abandónelo con su motivo antes de crear otro.
problem-plan-incomplete-title = El plan no se puede proponer todavía
problem-plan-incomplete-detail = Corrija lo que se indica y propóngalo de nuevo. Nada se guardó.
problem-plan-not-done-title = Hay acciones sin terminar
problem-plan-not-done-detail = Registre el 100 % de avance de las acciones indicadas, o modifique el plan. Nada se guardó.

field-no-such-action = El plan no tiene una acción con ese identificador.
field-action-named-twice = Esta acción está repetida. Cada identificador va una sola vez.
field-no-such-criterion = El requerimiento no tiene un criterio sobre esa pregunta. Revise la pregunta y, si lo indicó, el grupo.
field-after-the-programme = Es después del último día del programa ({ $last }). Elija una fecha anterior.
field-objective-without-change = La meta es igual a la línea de base. Indique adónde se quiere llegar.
field-gap-without-action = El criterio exigible «{ $question }» no se cumple y ninguna acción lo cierra. Agregue una acción para él.
field-criterion-amended = La empresa líder modificó el criterio «{ $question }». Modifique la acción que lo cierra.
field-gap-act-changed = El acta de brechas de la que nace el plan está en el estado «{ $state }» o se acordó de nuevo. Renuévela y fírmenla, y guarde el plan otra vez.
field-over-the-development-budget = El plan pide { $needed } al programa y quedan { $left } (presupuesto de desarrollo { $budget }, comprometido { $promised }). Baje costos o aportes del programa, o amplíe el presupuesto.
field-in-the-future = Esta fecha aún no llega. Escriba hoy o un día anterior.
field-action-not-done = Tiene un avance de { $percent } %.
