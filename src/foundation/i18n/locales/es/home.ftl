home-title = Qué hacer ahora
home-factor = Configurar su segundo factor
home-factor-why = Sin él no puede aprobar emparejamientos, propuestas, excepciones ni pagos.
home-factor-missing = Falta
home-diagnostic = Comenzar el diagnóstico
home-diagnostic-why = Sin un diagnóstico vigente, su empresa no puede recibir lotes.
home-diagnostic-why-lead-firm = Las empresas líderes también se diagnostican: pagos, pronósticos, asistencia técnica.
home-diagnostic-missing = Pendiente
home-diagnostic-go-on = Continuar el diagnóstico
home-diagnostic-saved = Lo respondido está guardado.
home-diagnostic-under-way = En curso
home-diagnostic-see = Ver el diagnóstico
home-diagnostic-valid = Vigente
home-matches = Emparejamientos propuestos
home-matches-why = Contratos que esperan la respuesta de su empresa.
home-approve = Emparejamientos por aprobar
home-approve-why = Aceptados por las dos empresas, con la dependencia antes y después.
home-due = { $number ->
    [one] 1 espera su decisión
   *[other] { $number } esperan su decisión
}
home-none-due = Nada pendiente
home-waiting = { $number ->
    [one] 1 espera
   *[other] { $number } esperan
}
home-objections = Objeciones por resolver
home-objections-why = Una empresa objetó una decisión. Responde otra persona que quien decidió.
home-acts-answer = Reparos por responder
home-acts-answer-why = Actas de brechas con un reparo abierto: hasta resolverlo nadie firma.
home-acts-sign = Actas de brechas por firmar
home-acts-sign-why = Con las dos firmas se puede acordar un plan de mejora.
home-plans-propose = Planes de mejora por proponer
home-plans-propose-why = Son borradores. Las empresas firman después de que la institución los propone.
home-plans-sign = Planes de mejora por firmar
home-plans-sign-why = Propuestos por la institución; comienzan con las dos firmas.
home-plans-due = Acciones de mejora que vencen
home-plans-due-why = Vencen en los próximos siete días o ya vencieron. Anote cuánto avanzaron.
home-contracts-sign = Contratos por firmar
home-contracts-sign-why = Rigen con la firma de las dos empresas.
home-deliveries = Entregas por confirmar
home-deliveries-why = Contratos con entregas ya vencidas de las que no consta la llegada.
home-payments = Pagos por confirmar
home-payments-why = Contratos con facturas ya vencidas de las que no consta el pago.
home-questions = Preguntas por responder
home-questions-why = Los proveedores preguntaron sobre sus requerimientos. La respuesta la leen todos.
home-commitments = Compromisos por responder
home-commitments-why = Una institución incluyó a su empresa en una propuesta.
home-calls = Convocatorias abiertas
home-calls-why = Su institución puede proponer hasta el cierre y todavía no presentó nada.
home-evaluate = Propuestas por evaluar
home-evaluate-why = Usted evalúa la convocatoria, que ya cerró.
home-decide = Propuestas por decidir
home-decide-why = Ya están evaluadas.
home-measurements = Mediciones por responder
home-measurements-why = Una ronda pregunta por sus indicadores.
home-results = Resultados por anunciar
home-results-why = Está decidido todo lo de estos requerimientos. Avise a quienes ofertaron.
home-requirements-supplier = Lo que piden las empresas líderes, y qué le falta a su empresa para cumplirlo.
home-requirements-lead-firm = Sus lotes y criterios, y las brechas de los proveedores que le dieron permiso.
home-requirements-institution = Lo que piden las empresas líderes de sus programas, con las brechas de los proveedores.
menu-new = por leer
