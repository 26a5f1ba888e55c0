# Proyectos en pantalla: hitos, gastos y cierre.
milestone-report = Informar
milestone-report-title = Informar el hito { $number }
milestone-report-text = Informe
milestone-report-hint = Qué está hecho. Al menos diez caracteres.
milestone-what = Qué está hecho
milestone-link = Enlace a la evidencia
milestone-link-hint = Una dirección https, si hay. Puede quedar vacío.
milestone-evidence = Ver la evidencia enlazada
milestone-file = Archivo { $number }
milestone-files = Archivos
milestone-files-so-far = { $count ->
    [0] Todavía no hay ninguno. Agréguelos antes de informar.
    [one] Hay un archivo.
   *[other] Hay { $count } archivos.
}
milestone-step-send-back = Devolver
milestone-step-accept = Aceptar
milestone-step-disburse = Pagar
milestone-send-back-title = ¿Devolver el hito?
milestone-send-back-about = La institución que ejecuta lo completa y lo informa de nuevo.
milestone-send-back-confirm = Devolver
milestone-accept-title = ¿Aceptar el hito?
milestone-accept-about = Queda por pagar lo que vale.
milestone-accept-confirm = Aceptar
milestone-disburse-title = ¿Pagar el hito?
milestone-disburse-about = El monto pasa de comprometido a desembolsado, y se justifica con gastos.
milestone-disburse-confirm = Registrar el pago
expenses-title = Gastos
expense-new = Justificar
expense-lead = Un gasto que justifica lo pagado por: { $deliverable }
expense-amount = Monto
expense-amount-hint = Con los decimales de su moneda.
expense-spent = Pagado el
expense-document = Documento
expense-document-hint = Por ejemplo Factura 4711.
expense-description = En qué se gastó
expense-button = Presentar el gasto
expense-state-stated = Por revisar
expense-state-accepted = Aceptado
expense-state-refused = Rechazado
expense-decide = Revisar el gasto
expense-decide-lead = Lo que se acepta justifica lo desembolsado.
expense-outcome = Decisión
expense-outcome-accept = Aceptar
expense-outcome-accept-why = Justifica lo pagado.
expense-outcome-refuse = Rechazar
expense-outcome-refuse-why = No lo justifica; diga por qué.
expense-reason-hint = Necesario para rechazar. Al menos diez caracteres.
expense-decide-button = Guardar la decisión
results-title = Resultados
achievement = Qué se logró
achievement-achieved = Todo
achievement-partly = Una parte
achievement-missed = Nada
achievement-unknown = Aún no se sabe
achievement-note = Qué hay que decir
project-close = Cerrar el proyecto
project-close-lead = Con un resultado para cada meta, cuando todo está pagado y justificado.
project-close-button = Cerrar el proyecto
project-terminate-title = ¿Terminar el proyecto antes de tiempo?
project-terminate-about = Lo que no se pagó queda libre en el programa. No hay vuelta atrás.
project-terminate-confirm = Terminar el proyecto

# La dirección estratégica.
criteria-change = Fijar los criterios
criteria-lead = Los de antes se guardan, con quién los fijó y cuándo.
criteria-text = Criterios
criteria-hint = Qué se financia, con quiénes y cómo. Al menos diez caracteres.
criteria-save = Fijar los criterios
funds-assign = Asignar fondos
funds-free-today = Libres hoy: { $amount }
funds-change = Movimiento
funds-change-assign = Asignar
funds-change-reduce = Retirar
funds-change-reduce-why = Solo lo que está libre.
funds-reason-hint = De dónde vienen, o por qué se van. Al menos diez caracteres.
funds-save = Registrar
