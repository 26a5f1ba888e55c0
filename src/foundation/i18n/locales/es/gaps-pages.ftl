gaps-title = Brechas de los proveedores
gaps-consent = Solo los proveedores que autorizaron a su empresa a ver sus brechas.
gaps-draft = Las brechas se calculan cuando el requerimiento está publicado.
gaps-none = Todavía no hay brechas calculadas que usted pueda ver.
gaps-fit = Semáforo y ajuste
gaps-read = Cada celda: lo que el proveedor tiene hoy y cuánto falta para lo requerido. El color repite lo que dice el texto.
gaps-more = { $number ->
    [one] Hay 1 proveedor más, más lejos de lo requerido.
   *[other] Hay { $number } proveedores más, más lejos de lo requerido.
}
gaps-compute = Calcular las brechas
gaps-compute-again = Calcular de nuevo
gap-met = cumple
gap-not_met = no cumple
gap-unknown = sin dato
gap-unknown-no_diagnostic = sin diagnóstico vigente
gap-unknown-not_answered = sin respuesta
gap-unknown-not_applicable = dice que no se aplica
gap-unknown-other_kind = no se puede comparar
gap-level = nivel { $level }
gap-level-least = nivel ≥ { $level }
gap-certificate = vigente
gap-certificate-until = hasta el { $day }
gap-certificate-none = sin certificado
gap-missing = brecha { $amount }
gap-missing-levels = { $number ->
    [one] falta 1 nivel
   *[other] faltan { $number } niveles
}
gap-missing-days = { $number ->
    [one] vence 1 día antes
   *[other] vence { $number } días antes
}
gap-other-group = no cuenta: otro grupo
gap-reason-no_diagnostic = Sin diagnóstico enviado
gap-reason-diagnostic_expired = Diagnóstico vencido
gap-reason-knocked_out = Una respuesta bajo su mínimo
gap-reason-critical_open = Falta un exigible crítico
gap-reason-fit_below_yellow = Ajuste bajo el umbral amarillo
gap-reason-must_open = Falta un exigible
gap-reason-fit_below_green = Ajuste bajo el umbral verde
light-green = Verde
light-yellow = Amarillo
light-red = Rojo

# Escribir un requerimiento.
write-title-new = Nuevo requerimiento
write-title = Editar el requerimiento
write-lead = Nadie lo ve hasta que lo publique. Puede guardar y seguir otro día.
write-programme = Programa
write-name = Título
write-description = Descripción
write-description-hint = Qué necesita y para qué. Puede quedar vacía.
write-closes = Cierra el
write-closes-hint = Día y hora del programa en que se cierra por sí mismo. Si queda vacío, lo cierra usted.
write-supplier-share = Parte máxima de un mismo proveedor, en porcentaje
write-supplier-share-hint = De lo que su empresa adjudica en todos los lotes. Vacío: sin límite.
write-lots-hint = Una fila por lote; las filas vacías no cuentan. Escriba las fechas como 2026-12-31.
write-lot-name = Lote
write-lot-process = Proceso
write-lot-unit = Unidad
write-lot-quantity = Cantidad
write-lot-reference_price = Precio de referencia
write-lot-max_share = Máx. por proveedor, %
write-lot-years = Años
write-lot-delivery_from = Entrega desde
write-lot-delivery_to = Entrega hasta
write-paste = Pegar desde una planilla
write-paste-label = Filas copiadas
write-paste-hint = En el orden de la tabla: lote, proceso, unidad, cantidad, precio… Se agregan después de las filas escritas y puede corregirlas antes de guardar.
write-paste-button = Poner en la tabla
write-criteria-hint = Cada criterio es una pregunta del diagnóstico de proveedores. Un nivel lleva mínimo (1 a 5); una cifra, mínimo o máximo; un certificado, hasta cuándo debe regir. El peso es solo de los deseables.
write-criterion-weight = Peso
write-criterion-criticality = Criticidad, 1–5
write-criterion-minimum = Mínimo
write-criterion-maximum = Máximo
write-criterion-valid_until = Vigente al
write-criterion-group = Grupo
write-save = Guardar

# Actas de brechas.
acts-title = Actas de brechas
acts-lead = En el acta, proveedor y empresa líder acuerdan qué se exige, cómo está el proveedor y cómo se cierra cada brecha.
acts-none = Todavía no hay ninguna.
act-open = Abrir un acta
act-open-own = Toma lo que dice hoy su análisis de brechas.
act-open-button = Abrir el acta
act-title = Acta de brechas de { $supplier }
act-round = ronda { $round }
act-state-open = Abierta
act-state-disputed = Con reparos
act-state-signed_by_supplier = Firmada por el proveedor
act-state-signed_by_lead_firm = Firmada por la empresa líder
act-state-agreed = Acordada
act-state-void = Sin efecto
act-demanded = Lo que se exige
act-difference = Algo cambió desde que se redactó
act-difference-why = Por eso no tiene efecto, aunque esté firmada. Cambió:
act-cause-requirement = el requerimiento
act-cause-diagnostic = el diagnóstico
act-cause-rules = las reglas del programa
act-renew = Renovar el acta con lo que vale hoy
act-lines = Criterio por criterio
act-stands = Cómo está el proveedor
act-closing = Cómo se cierra
act-closing-parts = { $months } meses; programa { $programme }, empresa líder { $lead_firm }, proveedor { $supplier }
act-disputes = Reparos
act-line = Línea { $line }:
act-signatures = Firmas
act-signatures-none = Nadie ha firmado.
act-hash = Huella de lo que se firma:
act-sign = Firmar
sign-has-read = Leí el acta completa.
sign-may-sign = Puedo firmar por mi empresa.
sign-button = Firmar el acta
signature-holds = Vale
signature-void = Ya no vale: el acta cambió
side-supplier = Proveedor
side-lead_firm = Empresa líder
side-institution = Institución
dispute-raise = No estoy de acuerdo con una línea
dispute-line = Línea
dispute-reason = Por qué
dispute-reason-hint = La otra parte y la institución lo leen. Mientras el reparo esté abierto nadie firma. Al menos diez caracteres.
dispute-raise-button = Plantear el reparo
dispute-answer = Respuesta
dispute-answer-hint = La otra parte y la institución la leen.
dispute-answer-button = Responder
dispute-settle = Cerrar el reparo
dispute-settle-hint = Quien lo planteó puede retirarlo; la otra parte, darle la razón; la institución resuelve.
dispute-settle-button = Cerrar el reparo
dispute-outcome-upheld = Tiene razón: hay que corregir la línea
dispute-outcome-dismissed = La línea se mantiene
dispute-go = Responder o cerrar el reparo de la línea { $line }
