problem-already-accepted-title = Su empresa ya aceptó
problem-already-accepted-detail = Falta la respuesta de la otra empresa, o la decisión de la institución. Usted no tiene que hacer nada más.
problem-own-proposal-title = Usted propuso este emparejamiento
problem-own-proposal-detail = Nadie aprueba lo que propuso. Pida a otra persona con el rol de aprobación que lo revise.
problem-lot-already-covered-title = El lote ya está cubierto
problem-lot-already-covered-detail = Con esta aprobación, el lote «{ $lot }» tendría { $units } unidades aprobadas y solo pide { $quantity }. Rechace lo que sobra.
problem-dependency-cap-exceeded-title = Supera el tope de dependencia
problem-dependency-cap-exceeded-detail = Con esta aprobación, las ventas anuales del proveedor a { $lead-firm } y su grupo serían { $left } y la regla admite { $right } (dependencia { $share } %, tope { $cap } %). No se aprobó nada. Apruebe antes o junto con este otros emparejamientos del proveedor, o rechácelo.
problem-other-currency-in-position-title = El proveedor tiene cifras en otra moneda
problem-other-currency-in-position-detail = Hay cifras en { $found } y el programa usa { $expected }, así que la regla de dependencia no se puede comprobar. Pida al proveedor que declare sus ventas en esa moneda.

field-over-the-cap = Este emparejamiento supera el tope de dependencia del proveedor.
field-named-twice = Hay un emparejamiento repetido.
field-not-an-etag = Envíe el ETag que leyó, con sus comillas.
