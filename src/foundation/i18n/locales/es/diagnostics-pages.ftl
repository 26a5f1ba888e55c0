back-home = Inicio
diagnostic-under-way = Hay un diagnóstico en curso desde el { $day }.
diagnostic-go-on = Continuar
diagnostic-begin = Comenzar el diagnóstico
diagnostic-begin-questions = Son { $number } preguntas. La mayoría se responde eligiendo el texto que más se parece a su empresa.
diagnostic-begin-save = Cada respuesta se guarda al enviarla: puede parar cuando quiera y seguir otro día, también desde otro equipo.
diagnostic-begin-who = Solo lo ven su organización y la institución promotora. Una empresa líder ve el resultado frente a sus criterios, y solo si usted lo autoriza.
diagnostic-earlier = Diagnósticos enviados
diagnostic-submitted-on = Enviado el { $day }.
diagnostic-counts-until = Vale hasta el { $day }.
diagnostic-progress = { $answered } de { $questions } preguntas respondidas.
diagnostic-saved = Todo lo respondido está guardado.
diagnostic-part-done = Completa
diagnostic-part-open = { $questions ->
    [one] 1 pregunta
   *[other] { $questions } preguntas
}
diagnostic-part-begun = { $answered } de { $questions }
diagnostic-start = Comenzar
diagnostic-check = Revisar y enviar
diagnostic-back-tasks = Lista de temas
diagnostic-back-check = Revisar respuestas
diagnostic-back-all = Diagnósticos
diagnostic-meanwhile = Guardado ahora por otra persona de su organización:
diagnostic-question-of = pregunta { $at } de { $of }
diagnostic-evidence = Evidencia que se podría pedir:
diagnostic-expires = Vence el
diagnostic-expires-hint = Si respondió que sí.
diagnostic-or = o bien
diagnostic-number-hint = Entre { $least } y { $most }. Use punto para los decimales: 97.5
diagnostic-marks = Qué significan algunos valores
diagnostic-save = Guardar
diagnostic-save-next = Guardar y continuar
diagnostic-save-later = Guardar y seguir después
diagnostic-skip = Saltar por ahora
diagnostic-check-title = Revise sus respuestas
diagnostic-check-open = { $number ->
    [one] Queda 1 pregunta sin responder. No cuenta ni a favor ni en contra, pero el resultado cubre menos.
   *[other] Quedan { $number } preguntas sin responder. No cuentan ni a favor ni en contra, pero el resultado cubre menos.
}
diagnostic-unanswered = Sin responder
diagnostic-change = Cambiar
diagnostic-answer = Responder
diagnostic-submit-title = Enviar
diagnostic-submit-about = Al enviar, usted declara que las respuestas describen lo que su empresa hace hoy. Después no se pueden cambiar; el diagnóstico vale hasta el { $day }.
diagnostic-submit = Enviar el diagnóstico
diagnostic-later = Todavía no
diagnostic-answers = Respuestas
answer-yes = Sí
answer-no = No
answer-not-applicable = No se aplica a nuestra empresa
answer-no-certificate = Sin certificado vigente
answer-certificate = Certificado vigente hasta el { $day }
score-whole = { $points } de 100 puntos
score-coverage = Se respondió el { $share } de lo que pesa.
score-below = Por debajo del mínimo
score-table = Puntaje por tema
score-dimension = Tema
score-points = Puntos
score-covered = Cobertura
score-nothing = Sin respuestas
band-weak = Débil
band-below_average = Bajo el promedio
band-average = Promedio
band-very_good = Muy bueno
band-excellent = Excelente
