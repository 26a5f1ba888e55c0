field-criterion-without-bound = Indique al menos un mínimo, un máximo o un valor esperado.
field-criterion-bounds-crossed = El máximo no puede ser menor que el mínimo.
field-criterion-expected-alone = Un valor esperado va solo: quite el mínimo y el máximo.

problem-gap-act-exists-title = El acta de brechas ya existe
problem-gap-act-exists-detail = Ya hay un acta de este proveedor para este requerimiento. Búsquela en la lista de actas del requerimiento; si está sin efecto, renuévela.
problem-signed-content-changed-title = El texto cambió desde que lo leyó
problem-signed-content-changed-detail = Lo que usted leyó ya no es lo que se firma. Léalo de nuevo y firme con el «hash» que muestra ahora. Nada se firmó.
problem-already-signed-title = Su empresa ya firmó
problem-already-signed-detail = La firma de su empresa está puesta y vale. Falta la de la otra parte; usted no tiene que hacer nada más.
problem-own-dispute-title = El reparo es de su empresa
problem-own-dispute-detail = Responde la otra parte, o la institución. Si ya no lo sostiene, ciérrelo como «dismissed».
problem-dispute-already-answered-title = El reparo ya tiene respuesta
problem-dispute-already-answered-detail = Lea la respuesta. Quien lo planteó puede retirarlo, la otra parte puede darle la razón, o la institución resuelve.
problem-dispute-already-settled-title = El reparo ya está cerrado
problem-dispute-already-settled-detail = No se puede responder ni cerrar otra vez. Si aún no está de acuerdo, plantee otro reparo o no firme.
problem-not-yours-to-settle-title = No le corresponde cerrarlo así
problem-not-yours-to-settle-detail = Quien planteó el reparo puede retirarlo («dismissed»), la otra parte puede darle la razón («upheld»); la institución puede resolver de las dos formas.

field-no-such-analysis = No hay un análisis de brechas de ese proveedor que usted pueda ver. Revise el identificador, pida el consentimiento del proveedor o calcule los análisis del requerimiento.
field-statement-not-ticked = Para firmar debe declarar que es así.
field-no-gap-to-close = Esta línea no muestra una brecha. Elija una línea que no se cumpla.
field-line-named-twice = Esta línea está repetida. Deje una sola acción por línea.
field-no-such-line = El acta no tiene esa línea. Las líneas se cuentan desde 0.
field-split-needed = Indique quién paga: el programa no tiene aportes definidos.
