problem-funds-short-title = Los fondos del programa no alcanzan
problem-funds-short-detail = La convocatoria reserva sus fondos al abrirse, y el programa tiene libres { $free }. Reduzca los de la convocatoria, o pida más a la dirección estratégica.
problem-call-over-title = La convocatoria no recibe propuestas
problem-call-over-detail = Su plazo vence o venció el { $closes_at }, o no está abierta. Hasta entonces se escribe, se presenta y se retira; después ya no.
problem-call-not-begun-title = La convocatoria aún no recibe propuestas
problem-call-not-begun-detail = Las propuestas se presentan desde { $opens_at }. Hasta entonces puede escribir la suya.
problem-call-without-proposals-title = No hay propuestas
problem-call-without-proposals-detail = Nadie presentó una propuesta, así que no hay nada que evaluar. Declare desierta la convocatoria: cancélela con su razón.
problem-evaluations-missing-title = Faltan evaluaciones
problem-evaluations-missing-detail = { $missing ->
    [one] A una propuesta le faltan evaluaciones
   *[other] A { $missing } propuestas les faltan evaluaciones
}: son dos como mínimo, y una tercera donde los evaluadores difieren más de lo que permite la convocatoria.
problem-evaluation-over-title = No es tiempo de evaluar
problem-evaluation-over-detail = La convocatoria está en el estado «{ $state }». Se evalúa desde que cierra hasta que las evaluaciones están completas.
problem-evaluated-already-title = Su evaluación ya está entregada
problem-evaluated-already-detail = Cada evaluador entrega una, que no cambia.
problem-evaluator-handed-in-title = El evaluador ya entregó
problem-evaluator-handed-in-detail = Lo entregado cuenta. Quien ya evaluó no se retira de la convocatoria.
problem-not-an-evaluator-title = No evalúa esta convocatoria
problem-not-an-evaluator-detail = Solo evalúan las personas designadas. Pida a la institución coordinadora que lo designe.
problem-not-independent-title = No puede juzgar esta propuesta
problem-not-independent-detail = Nadie evalúa ni decide lo que es suyo, y quien evaluó no decide: { $ground }. Pídalo a otra persona.
unfit-own-institution = usted actúa por la institución que propone
unfit-member-of-proposer = usted pertenece también a la institución que propone
unfit-author = usted escribió la propuesta o la presentó
unfit-interest = usted tiene un interés declarado en una de sus partes
unfit-evaluated = usted evaluó la propuesta
problem-coordinator-proposes-title = Quien coordina no propone
problem-coordinator-proposes-detail = La institución coordinadora no presenta propuestas a sus propias convocatorias. Pídalo a una institución ejecutora.
problem-not-your-proposal-title = La propuesta es de otra institución
problem-not-your-proposal-detail = Solo la cambia, la presenta o la retira la institución que la escribió.
problem-proposal-over-title = La propuesta ya no participa
problem-proposal-over-detail = Se retiró, o ya se decidió sobre ella. No hay nada que comprometer.
problem-call-not-evaluated-title = Faltan las evaluaciones
problem-call-not-evaluated-detail = La convocatoria está en el estado «{ $state }». Se decide cuando las evaluaciones están completas.
problem-call-funds-short-title = No quedan tantos fondos
problem-call-funds-short-detail = A la convocatoria le quedan { $left }. Adjudique menos, o rechace.

field-weights-not-100 = Los pesos deben sumar exactamente 100.
field-more-than-the-funds = Debe ser mayor que cero y como máximo { $most }, en la misma moneda.
field-opens-after-closing = La convocatoria debe recibir propuestas antes de cerrar.
field-no-such-evaluator = No encontramos a esa persona en ninguna institución. Revise el correo.
field-result-of-another-kind = Ese resultado no se da en redes verticales. Elija entre los de «/expected-results?kind=vertical».
field-grant-too-large = La convocatoria financia como máximo { $most } por proyecto.
field-cofinancing-too-small = Otros deben pagar al menos el { $least } % del costo total.
field-milestones-not-the-grant = Los montos de los hitos deben sumar lo que se pide: { $grant }.
field-not-committed = Esta empresa líder aún no ha confirmado su compromiso. Pídaselo.
field-more-than-committed = Las empresas líderes han confirmado menos de lo que figura como su aporte.
field-amount-of-a-rejection = Lo que se rechaza no recibe nada. Omita el monto.
field-more-than-asked-for = La propuesta pide { $most }; no se adjudica más.
field-not-a-criterion-of-the-call = La convocatoria no tiene este criterio.
field-scores-missing = Faltan puntajes: { $missing }.

criterion-market-outlook = Perspectivas de mercado
criterion-participation = Participación y cofinanciamiento de las empresas
criterion-critical-mass = Masa crítica de empresas
criterion-feasibility = Factibilidad: tejido institucional
criterion-visibility = Visibilidad
criterion-sector-potential = Potencial del sector: demanda y factores
criterion-economic-impact = Impacto económico: empleo, producto, exportaciones
criterion-environmental-risk = Riesgo ambiental: a menor riesgo, mayor puntaje
criterion-linkage-potential = Potencial de encadenamientos
criterion-replicability = Replicabilidad

result-specialised-advice = Asesoría especializada, contratando expertos para el grupo
result-joint-promotion = Promoción comercial conjunta
result-joint-purchase = Menores costos por compra conjunta
result-credit-terms = Condiciones especiales de crédito
result-phase-specialisation = Productividad y rentabilidad por especialización por fase
result-shared-equipment = Tecnología, por compra conjunta de equipos de uso común
result-pooled-capacity = Mercados de gran volumen, coordinando capacidades
result-production-standards = Estándares de producción y control de calidad, para una producción pareja y constante
result-large-firm-access = Acceso a mercados y conocimientos de grandes empresas, creando redes de proveedores
result-institutional-coordination = Mecanismos de coordinación entre instituciones
result-territorial-image = Nuevos mercados por la imagen del territorio
result-support-services = Nuevos servicios de apoyo, como un centro de diseño o un laboratorio de ensayos
