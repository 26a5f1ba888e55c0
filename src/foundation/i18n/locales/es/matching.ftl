problem-nothing-to-match-title = No hay nada por asignar
problem-nothing-to-match-detail = Ningún requerimiento cerrado del programa tiene lotes con precio y unidades sin cubrir. Cierre un requerimiento y vuelva a intentar.
problem-snapshot-refused-title = Los datos no se pueden reunir
problem-snapshot-refused-detail = La corrida no empezó, porque hay cifras que no se pueden sumar. Corrija lo indicado y vuelva a intentar.
problem-already-adopted-title = La corrida ya fue adoptada
problem-already-adopted-detail = Sus adjudicaciones ya son emparejamientos. Búsquelos en la lista de emparejamientos.
problem-rules-changed-title = Las reglas cambiaron desde la corrida
problem-rules-changed-detail = Se calculó con la versión { $then } de las reglas del programa y rige la versión { $now }. Haga otra corrida y adopte esa.
problem-lots-already-proposed-title = Otra corrida ya propuso estos lotes
problem-lots-already-proposed-detail = Las propuestas de la corrida «{ $run }» ({ $id }) abarcan { $lots } de los mismos lotes y siguen sin decidir ({ $matches } emparejamientos). Apruébelas o rechácelas primero y haga otra corrida; o envíe un motivo en supersede: las propuestas de esta corrida toman su lugar y lo que las empresas hayan contestado a las otras queda sin efecto.
problem-looser-than-the-rules-title = La corrida es más permisiva que las reglas
problem-looser-than-the-rules-detail = Se calculó con un tope de dependencia mayor que el vigente, o sin tope. Haga una corrida con las reglas del programa y adopte esa.
problem-no-awards-title = La corrida no adjudica nada
problem-no-awards-detail = No hay emparejamientos que proponer. Revise en la corrida qué reglas lo impiden.
problem-run-without-answer-title = La corrida no tiene respuesta
problem-run-without-answer-detail = La corrida { $run } todavía no termina, falló o se detuvo. Solo se comparan corridas terminadas.
problem-not-matched-yet-title = Todavía no hay resultado
problem-not-matched-yet-detail = Ninguna corrida adoptada trata de este lote. Vuelva a preguntar cuando la institución haya propuesto emparejamientos.

field-cap-and-without-cap = Elija un tope o ninguno, no ambos.
field-amounts-too-large = Las cifras del proveedor { $supplier } son demasiado grandes. Pídale que las revise.
field-supplier-in-other-currency = El proveedor { $supplier } tiene cifras en { $currency }; el programa usa { $expected } y no tiene tasa para esa moneda. Ponga la tasa, con su día y su fuente, en la tabla de cambio de las reglas del programa, o pida al proveedor que declare sus cifras en { $expected }.
field-refused-by-solver = El solucionador no acepta este dato: { $cause }
field-no-network-to-match = No hay tal red en este programa, o no está entre las suyas.
field-no-such-run = No hay tal corrida en este programa, o su organización no puede verla.
field-quantity-of-nothing = Lo que se prohíbe no lleva cantidad.
field-decision-over-the-lot = El lote tiene { $open } unidades por adjudicar, y este proveedor puede recibir hasta { $most }. Fije una cantidad menor.
field-decision-without-pair = Este proveedor no puede recibir ese lote: no es candidato o el lote no está abierto. Quite la decisión.

run-failure-instance-refused = El solucionador no aceptó los datos de la corrida. Avise a quien opera el servicio y haga otra corrida.
run-failure-solver-crashed = El solucionador terminó varias veces sin respuesta. Haga otra corrida; si se repite, avise a quien opera el servicio.
run-failure-workers-died = El servicio se interrumpió varias veces durante la corrida. Haga otra; si se repite, avise a quien opera el servicio.

run-offer-too-late = Por su propio plazo de entrega, habría que haberle pedido a más tardar el { $last }.

why-not-no-candidate = Su empresa no era candidata para este lote: está en rojo para el requerimiento, o no declaró capacidad en el proceso ni hizo una oferta. Revise su análisis de brechas y su perfil.
why-not-forbidden = Su empresa declinó este lote, o la institución decidió no adjudicárselo.
why-not-gaps = Sus brechas siguen abiertas. Las acciones indicadas de su plan de mejora las cierran.
why-not-unplanned = Su empresa sigue en rojo para el requerimiento por los criterios indicados, y ningún plan de mejora dice cómo se cumplirán. Acuerde con la empresa líder el acta de brechas y un plan.
why-not-capacity = Su capacidad en este proceso está agotada con lo adjudicado y lo aprobado.
why-not-dependency = Con más ventas a este grupo comprador, su empresa superaría el tope de dependencia.
why-not-concentration = Con más ventas a este comprador, las ventas de su empresa estarían demasiado concentradas.
why-not-lead-time = Su propia oferta entregaría después del último día de entrega del lote. Ofrezca un plazo más corto la próxima vez, o avise a la empresa líder antes del cierre.
why-not-price = Su precio está por encima del precio de referencia.
why-not-rule = Otra regla del lote lo impidió.
why-not-served-otherwise = Nada lo impedía de su lado; el lote se cubrió de otra manera.

why-unmet-no-candidate = Ningún proveedor era candidato para este lote: ninguno está en verde o amarillo con capacidad declarada en el proceso o una oferta. Revise los criterios, o pida a la institución que invite a otros proveedores.
why-unmet-forbidden = Algunos candidatos rechazaron el lote, o la institución decidió no adjudicárselo.
why-unmet-lead-time = Las ofertas de algunos candidatos entregarían después del último día de entrega del lote. Un plazo más amplio puede ayudar.
why-unmet-gaps = Algunos candidatos tienen brechas sin cerrar. Un plan de mejora con asistencia técnica de su empresa puede cerrarlas.
why-unmet-capacity = La capacidad de los candidatos en este proceso está agotada. Una entrega más tardía o un lote más pequeño puede ayudar.
why-unmet-dependency = Con más ventas a su grupo comprador, los candidatos superarían el tope de dependencia. Solo la institución puede dar una dispensa.
why-unmet-concentration = Con más ventas a su empresa, las ventas de los candidatos quedarían demasiado concentradas.
why-unmet-rule = Se interpuso otra regla del lote, de su empresa o del programa.
why-unmet-untold = La corrida no dice qué se interpuso. Pregunte a la institución.

own-limit-dependency = El tope de dependencia con este grupo comprador le impide recibir más. Vender más a otros clientes le da lugar.
own-limit-capacity = Su capacidad en este proceso está agotada.
