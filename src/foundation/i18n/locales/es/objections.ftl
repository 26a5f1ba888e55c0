problem-nothing-to-object-title = Ahí no hay una decisión que objetar
problem-nothing-to-object-detail = Se objeta el rechazo de una postulación, un emparejamiento que la institución rechazó o aprobó, un requerimiento adjudicado por el que su empresa ofertó o una propuesta decidida de su institución. Nada se guardó.
problem-objection-late-title = Terminó el plazo para objetar
problem-objection-late-detail = Esta decisión se podía objetar hasta el { $last }, por el calendario del programa. Nada se guardó.
problem-objection-exists-title = Su organización ya objetó esta decisión
problem-objection-exists-detail = Hay una objeción por decisión. Búsquela en GET /api/v1/objections. Nada se guardó.
problem-own-decision-title = Usted tomó parte en esta decisión
problem-own-decision-detail = Nadie juzga una objeción a lo que decidió. Pida a otra persona de la institución que la revise.
problem-own-objection-title = Objeta su propia institución
problem-own-objection-detail = Nadie juzga una objeción de su propia institución. Lo hace quien dirige o coordina el programa.
problem-anothers-objection-title = La objeción no es de su organización
problem-anothers-objection-detail = Solo quien objeta retira una objeción. Revísela, y después acójala o recházela.

field-no-such-decision = Su organización no tiene ahí una decisión que objetar. Revise el identificador.
field-remedy-needed = La decisión ya no se puede deshacer: escriba qué se hace en su lugar.
