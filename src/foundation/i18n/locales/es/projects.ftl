problem-not-your-project-title = El proyecto es de otra institución
problem-not-your-project-detail = Esto lo hace la institución que ejecuta el proyecto. Pídaselo.
problem-project-over-title = El proyecto terminó
problem-project-over-detail = Su estado es «{ $state }». Sus hitos ya no cambian; lo pagado aún se puede justificar.
problem-not-justified-title = Falta justificar lo pagado
problem-not-justified-detail = De lo que ya se pagó faltan por justificar { $missing }. Pida los gastos a la institución ejecutora, y acéptelos.
problem-milestones-open-title = Faltan hitos
problem-milestones-open-detail = { $open } hitos no están pagados. Espere a que lo estén, o dé término anticipado al proyecto con su razón.

field-not-a-link = Escriba un enlace que empiece con https:// o http://.
field-more-than-paid = De lo pagado por este hito quedan por justificar { $left }.
field-not-a-goal = El proyecto no tiene este objetivo.
field-results-missing = Faltan resultados: { $missing }.
