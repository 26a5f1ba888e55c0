problem-nothing-to-match-title = No hay nada por asignar
problem-nothing-to-match-detail = Ningún requerimiento cerrado del programa tiene lotes con precio y unidades sin cubrir. Cierre un requerimiento y vuelva a intentar.
problem-snapshot-refused-title = Los datos no se pueden reunir
problem-snapshot-refused-detail = La corrida no empezó, porque hay cifras que no se pueden sumar. Corrija lo indicado y vuelva a intentar.
problem-already-adopted-title = La corrida ya fue adoptada
problem-already-adopted-detail = Sus adjudicaciones ya son emparejamientos. Búsquelos en la lista de emparejamientos.
problem-looser-than-the-rules-title = La corrida es más permisiva que las reglas
problem-looser-than-the-rules-detail = Se calculó con un tope de dependencia mayor que el vigente, o sin tope. Haga una corrida con las reglas del programa y adopte esa.
problem-no-awards-title = La corrida no adjudica nada
problem-no-awards-detail = No hay emparejamientos que proponer. Revise en la corrida qué reglas lo impiden.

field-cap-and-without-cap = Elija un tope o ninguno, no ambos.
field-amounts-too-large = Las cifras del proveedor { $supplier } son demasiado grandes. Pídale que las revise.
field-supplier-in-other-currency = El proveedor { $supplier } tiene cifras en { $currency }; el programa usa { $expected }. Pídale que las declare en esa moneda.
field-refused-by-solver = El solucionador no acepta este dato: { $cause }

run-failure-instance-refused = El solucionador no aceptó los datos de la corrida. Avise a quien opera el servicio y haga otra corrida.
run-failure-solver-crashed = El solucionador terminó varias veces sin respuesta. Haga otra corrida; si se repite, avise a quien opera el servicio.
run-failure-workers-died = El servicio se interrumpió varias veces durante la corrida. Haga otra; si se repite, avise a quien opera el servicio.
