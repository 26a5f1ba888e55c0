problem-programme-not-open-title = El programa no está abierto
problem-programme-not-open-detail = El programa está en el estado «{ $state }». Espere a que la institución promotora lo abra, o elija otro programa.

field-yellow-above-green = El umbral amarillo no puede superar al verde.
field-ends-before-start = El último día no puede ser anterior al primero.
field-not-the-programmes-currency = Los montos de este programa están en { $currency }; use esa moneda.
field-no-such-firm = No encontramos esa empresa proveedora o líder. Revise el dato, o pida a la empresa que se registre.
field-not-a-member = No es un proveedor o una empresa líder de este programa. Incorpore primero a la empresa.
field-in-the-past = Esta fecha ya pasó. Escriba hoy o un día posterior.

problem-network-closed-title = La red está cerrada
problem-network-closed-detail = Nadie ingresa ya a esta red. Pregunte a la institución promotora por otra.
problem-no-open-call-title = No hay una convocatoria abierta
problem-no-open-call-detail = Solo se puede postular a esta red con una invitación. Pídala a la institución promotora.

field-not-a-time-zone = Escriba una zona horaria de la base IANA, como America/Santiago.
field-twice = Está dos veces. Deje uno solo.
field-zero = No puede ser cero.
field-shares-not-one = Las tres partes deben sumar 1.
field-glide-path-rises = El tope no puede subir de un año a otro. Escriba una proporción igual o menor que la anterior.
field-cap-beside-glide-path = La senda de topes reemplaza al tope y termina en { $last }. Omita el tope.
field-objectives-without-coverage = Falta la cobertura («coverage») entre los objetivos: sin ella, no comprar nada sería lo más barato.
field-the-programmes-own-currency = { $currency } es la moneda del programa. Anote solo otras monedas.

problem-not-the-speaker-title = Otra empresa habla por el consorcio
problem-not-the-speaker-detail = Solo la empresa que formó el consorcio decide quiénes lo integran y ofrece por él. Pídaselo.
problem-the-speaker-dissolves-title = Su empresa habla por el consorcio
problem-the-speaker-dissolves-detail = Quien formó el consorcio no lo acepta ni lo deja: puede disolverlo.
problem-consortium-dissolved-title = El consorcio se disolvió
problem-consortium-dissolved-detail = Ya no se responde a este consorcio. Formen otro si lo necesitan.
problem-consortium-not-ready-title = El consorcio no está listo
problem-consortium-not-ready-detail = Su estado es «{ $state }». Un consorcio ofrece cuando todos sus miembros han aceptado: pídales que respondan.
problem-consortium-elsewhere-title = El consorcio ofrece en otra parte
problem-consortium-elsewhere-detail = Un consorcio ofrece solo en el programa, y en su caso en la red, en que se formó. Formen otro donde está este lote.
field-not-in-the-consortium = No está en el consorcio, o es la empresa que habla por él.
problem-not-a-participant-title = Su organización no participa en esta reunión
problem-not-a-participant-detail = Puede verla porque acompaña la red; el acta es de quienes participan. Nada se guardó.
problem-nothing-to-confirm-here-title = No hay nada que confirmar
problem-nothing-to-confirm-here-detail = Su organización ya confirmó el acta, o el acta dice que no asistió. Si no es así, escriba el acta de nuevo.
problem-promised-by-another-title = Lo prometió otra organización
problem-promised-by-another-detail = Dice que está hecho quien lo prometió. Nada se guardó.
problem-agreement-done-title = Ya está hecho
problem-agreement-done-detail = Se dio por hecho el { $day }. Nada se guardó.
field-no-such-participant = No es una organización de la red que pueda participar aquí, o está repetida.
field-own-attendance-missing = Escribe el acta quien asistió: agregue a su organización.
