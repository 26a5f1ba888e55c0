# Seguimiento en pantalla.
programme-monitoring-why = Indicadores frente a la línea de base, en total y por red.
monitoring-short = Seguimiento
network-monitoring = Ver el seguimiento
network-monitoring-why = Indicadores, embudo, dependencia y días de pago.
now = Hoy
withheld = Reservado
withheld-fewer_than_five = Hay menos de cinco empresas detrás.
withheld-gives_others_away = Junto a otras cifras delataría a menos de cinco empresas.
withheld-round_open = La ronda sigue abierta: aún llegan respuestas.
month-short = { $month ->
    [1] ene
    [2] feb
    [3] mar
    [4] abr
    [5] may
    [6] jun
    [7] jul
    [8] ago
    [9] sept
    [10] oct
    [11] nov
   *[12] dic
} { $year }
unit-persons = personas
unit-percent = %
unit-ppm = partes por millón
unit-days = días
unit-certificates = certificados
unit-yes_no = 1: sí, 0: no

monitoring-title = Seguimiento: { $network }
monitoring-parts = Partes de la página
monitoring-programme-lead = Cada empresa se cuenta una vez. Se compara a quienes se conoce en ambos momentos; de menos de cinco no se dice nada.
monitoring-total = Todo el programa
monitoring-by-network = Por red
monitoring-figures-of = Ver las cifras de { $network }

# Rondas
rounds-title = Rondas de medición
rounds-why = La línea de base, y otra vez a los doce y a los veinticuatro meses. Lo que consta en el sistema no se pregunta.
rounds-none = Todavía no se midió nada.
round-open = Abrir una ronda
round-open-lead = Lo que el sistema ya sabe queda anotado al abrirla; el resto se pregunta a las empresas. Cada momento se mide una sola vez.
round-as-of = al { $day }
round-due = respuestas hasta el { $day }
round-as-of-label = Día de referencia
round-as-of-hint = Hoy o antes.
round-due-label = Se responde hasta
round-due-hint = Lo que llegue después se recibe y queda marcado, hasta que se cierre la ronda.
round-state-open = Abierta
round-state-closed = Cerrada
round-how-far = Cuánto falta
round-overdue = { $number ->
    [one] Una pregunta debió responderse ya.
   *[other] { $number } preguntas debieron responderse ya.
}
round-close = Cerrar la ronda
round-close-title = ¿Cerrar la ronda?
round-close-about = No recibe más respuestas, y recién entonces se dan a conocer sus cifras. Lo que falta queda como desconocido, nunca como cero. No se reabre.
round-close-confirm = Sí, cerrar la ronda
round-missing = Preguntas sin respuesta
moment-baseline = Línea de base
moment-month_12 = Doce meses después
moment-month_24 = Veinticuatro meses después
moment-short-baseline = Base
moment-short-month_12 = +12 meses
moment-short-month_24 = +24 meses
measured-asked = Preguntado
measured-answered = Respondido
measured-unknown = No se sabe
measured-known = Consta
measured-not_on_record = No consta

# Indicadores
indicators-title = Indicadores
indicators-why = Medias de las empresas que se conocen en ambos momentos, una vez cerradas las dos rondas. «Desconocido» no es cero.
indicators-none = Todavía no hay dos rondas cerradas que comparar.
indicator = Indicador
indicator-moment = Momento
indicator-firms = Empresas
indicator-before = Base
indicator-after = Después
indicator-change = Cambio
indicator-medians = Medianas
indicator-better = Mejor
indicator-worse = Peor
indicator-unknown = De ninguna empresa se conoce en ambos momentos.

# Embudo
funnel-title = Embudo
funnel-finding = De { $came } proveedores invitados o postulantes, { $contracted ->
    [0] ninguno tiene contrato todavía.
    [one] uno tiene contrato.
   *[other] { $contracted } tienen contrato.
}
funnel-stage = Etapa
funnel-came = Llegaron
funnel-waiting = Esperan
funnel-dropped = Se fueron
funnel-drop-off = Abandono
funnel-days = Días (mediana)
funnel-why = Llegó a una etapa quien la cumplió, o cumplió una posterior. Los días cuentan desde la etapa anterior que consta. De menos de cinco empresas no se dicen porcentajes ni días.

# Dependencia
dependency-title = Dependencia
dependency-finding = { $over ->
    [0] Ninguno de { $all } proveedores está hoy sobre 30 %; al comienzo: { $before }.
    [one] Uno de { $all } proveedores está hoy sobre 30 %; al comienzo: { $before }.
   *[other] { $over } de { $all } proveedores están hoy sobre 30 %; al comienzo: { $before }.
}
dependency-finding-now = { $over ->
    [0] Ninguno de { $all } proveedores está hoy sobre 30 %.
    [one] Uno de { $all } proveedores está hoy sobre 30 %.
   *[other] { $over } de { $all } proveedores están hoy sobre 30 %.
}
dependency-table = Proveedores por banda, mes a mes
dependency-when = Cuándo
dependency-none = La red todavía no tiene proveedores seleccionados.
dependency-why = La parte de las ventas que viene del mayor grupo comprador. Las rayas están en 10, 15, 25 y 30 %.
dependency-cap = El tope del programa es hoy { $cap }.
dependency-buyer = Mayor comprador
dependency-first = Al comienzo
dependency-band = Banda
dependency-share = Parte de las ventas
dependency-record = Anotar cómo están hoy
band-undisclosed = No declarado
band-fine = Bajo 10 %
band-watch = 10 a 15 %
band-elevated = 15 a 25 %
band-alert = 25 a 30 %
band-waiver_needed = Sobre 30 %
turn-worse = subió de banda
turn-better = bajó de banda
market-hhi = Concentración del mercado (HHI)
own-dependency = Su dependencia
own-dependency-see = Ver cómo evoluciona su dependencia
own-dependency-lead = Qué parte de sus ventas viene del mayor grupo comprador. Solo su empresa y la institución lo ven.
own-dependency-finding = Hoy, { $share } % de sus ventas viene de un mismo grupo comprador.
own-dependency-unknown = Su empresa no declaró sus ventas, o no las tiene: no se conoce su dependencia.
own-dependency-table = Lo anotado

# Días de pago
paydays-title = Días de pago
paydays-why = De los últimos doce meses: desde la factura hasta su pago.
paydays-none = La red no tiene empresas líderes.
paydays-mean = Media
paydays-median = Mediana
paydays-invoices = Facturas
paydays-paid = Pagadas
paydays-late = Tarde
paydays-suppliers = Proveedores

# Lo que se pregunta
measurements-title = Mediciones
measurements-lead = Lo que se mide de su empresa, y lo que se le pregunta. La institución lo lee; nadie más, salvo cifras de cinco empresas o más.
measurements-lead-institution = Lo que se mide en las redes que usted acompaña. Responde aquí lo que informa la institución.
measurements-filter = Filtrar por estado
measurements-none = No hay nada aquí por ahora.
measurement-overdue = Atrasado
measurement-firm = Empresa
measurement-value = Valor
measurement-value-in = Valor ({ $unit })
measurement-value-hint = Cero es un valor. Si no lo sabe, déjelo vacío y diga por qué.
measurement-or = O bien:
measurement-unknown = Por qué no se sabe
measurement-unknown-hint = Solo si no hay un valor.
measurement-note = Nota
measurement-note-hint = Acompaña a una razón; con «Otra razón» hace falta.
measurement-save = Guardar la respuesta
measurement-what = Qué se mide
measurement-answers = Respuestas
measurement-no-answers = Todavía ninguna.
measurement-from = De dónde
measurement-from-record = Consta en el sistema
measurement-from-firm = Respondido
measurement-late = Después del plazo
because-not_measured = No se mide
because-confidential = Es confidencial
because-not_applicable = No corresponde
because-unreachable = No se pudo contactar a la empresa
because-other = Otra razón
because-not_on_record = No consta

# Buenas prácticas
practices-title = Buenas prácticas
practices-lead = Lo que funcionó en otras redes, revisado y con las cifras que lo muestran.
practices-search = Buscar
practices-find = Buscar
practices-any = Cualquier tema
practices-none = No hay ninguna que responda a esto.
practice = Práctica
practice-new = Proponer una práctica
practice-edit = Cambiar la práctica
practice-save = Guardar el borrador
practice-write-lead = Cuente qué se hizo, cómo y qué muestra que funciona. Otra persona de la institución la revisa antes de publicarla.
practice-title = Título
practice-summary = Resumen
practice-summary-hint = En pocas líneas: qué es y para quién sirve. Al menos veinte caracteres.
practice-body = Cómo se hace
practice-body-hint = Paso a paso, con lo que costó y lo que no funcionó.
practice-evidence = Qué muestra que funciona
practice-evidence-hint = En palabras. No nombre a otras empresas.
practice-dimension = Tema
practice-tags = Palabras clave
practice-tags-hint = Separadas por comas, a lo más diez.
practice-figures = Cifras que lo muestran
practice-figures-hint = De redes de su programa, frente a la línea de base. Se publican solo si hay cinco empresas o más detrás.
practice-figure-later = Se fija al publicar.
practice-by = Escrita por { $author }
practice-adopted = Quiénes la adoptaron
practice-adopted-count = Empresas: { $firms }. Instituciones: { $institutions }.
practice-adopted-own = Su organización la adoptó
practice-state-draft = Borrador
practice-state-in_review = En revisión
practice-state-published = Publicada
practice-state-retired = Retirada
practice-dimension-management = Estrategia y gestión
practice-dimension-customers = Clientes y dependencia
practice-dimension-production = Producción y capacidad
practice-dimension-quality = Calidad
practice-dimension-delivery = Entrega y logística
practice-dimension-procurement = Compras y subproveedores
practice-dimension-finance = Finanzas
practice-dimension-people = Personas y seguridad
practice-dimension-technology = Tecnología y herramientas digitales
practice-dimension-environment = Medio ambiente y cumplimiento
practice-dimension-purchasing = Práctica de compras de la empresa líder
practice-dimension-payment = Pago de la empresa líder
practice-dimension-forecast = Pronósticos y pedidos de la empresa líder
practice-dimension-specifications = Apertura de las especificaciones
practice-dimension-assistance = Asistencia técnica de la empresa líder
practice-dimension-local = Compras a PYME locales
practice-step-submit = Pedir la revisión
practice-step-return = Devolver
practice-step-publish = Publicar
practice-step-retire = Retirar
practice-step-adopt = La adoptamos
practice-step-withdraw = Ya no la usamos
practice-submit-title = ¿Pedir la revisión?
practice-submit-about = Mientras se revisa no se puede cambiar. Quien la revisa la publica o la devuelve con un motivo.
practice-submit-confirm = Sí, pedirla
practice-return-title = Devolver la práctica
practice-return-about = Vuelve a ser un borrador de quien la escribió, que lee su motivo.
practice-return-confirm = Devolver
practice-publish-title = ¿Publicar la práctica?
practice-publish-about = La leerán todos los que usan Eslabón, con las cifras tal como están hoy. Nadie publica lo que escribió.
practice-publish-confirm = Sí, publicar
practice-retire-title = Retirar la práctica
practice-retire-about = Deja de recomendarse; quien la adoptó sigue leyéndola, con su motivo.
practice-retire-confirm = Retirar
practice-adopt-title = ¿Su organización adoptó esta práctica?
practice-adopt-about = La institución que la publicó lo verá. Se puede deshacer.
practice-adopt-confirm = Sí, la adoptamos
practice-withdraw-title = ¿Ya no la usan?
practice-withdraw-about = Se quita su adopción. Puede volver a decirlo cuando quiera.
practice-withdraw-confirm = Sí, quitarla
