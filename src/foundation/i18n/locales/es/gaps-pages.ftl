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
