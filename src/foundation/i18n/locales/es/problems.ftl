problem-not-found-title = No se encontró
problem-not-found-detail = No existe, o su organización no puede verlo. Revise la dirección.
problem-unauthenticated-title = Debe identificarse
problem-unauthenticated-detail = Falta un token válido. Obtenga uno con POST /api/v1/tokens y envíelo como «Authorization: Bearer …».
problem-wrong-credentials-title = No pudimos identificarle
problem-wrong-credentials-detail = El correo o la contraseña no corresponden. Revíselos e intente de nuevo.
problem-forbidden-title = Su rol no lo permite
problem-forbidden-detail = Su rol en la organización no permite esta operación. Pídala a una persona con otro rol.
problem-invalid-fields-title = Hay datos por corregir
problem-invalid-fields-detail = Nada se guardó. Corrija los campos indicados y envíe de nuevo.
problem-wrong-state-title = No es posible en este estado
problem-wrong-state-detail = El estado actual es «{ $state }»; la operación es posible en: { $allowed }.
problem-stale-version-title = Alguien lo cambió antes
problem-stale-version-detail = Lo que usted leyó ya no es la versión actual. Nada se guardó: léalo de nuevo y repita su cambio.
problem-version-required-title = Falta la versión
problem-version-required-detail = Envíe «If-Match» con el ETag de lo que leyó, para no pisar el cambio de otra persona.
problem-malformed-json-title = El JSON no se puede leer
problem-malformed-json-detail = Hay un error de sintaxis en la línea { $line }, columna { $column }.
problem-not-an-object-title = Se esperaba un objeto
problem-not-an-object-detail = El cuerpo debe ser un objeto JSON, como {"{"}"campo": "valor"{"}"}.
problem-not-json-title = Se esperaba JSON
problem-not-json-detail = Envíe el cuerpo con «Content-Type: application/json».
problem-too-large-title = Es demasiado grande
problem-too-large-detail = El cuerpo puede tener a lo más { $most } bytes. Divídalo.
problem-malformed-form-title = El formulario no se puede leer
problem-malformed-form-detail = Los datos no están codificados como un formulario. Vuelva a la página y envíela de nuevo.
problem-too-many-fields-title = El formulario tiene demasiados campos
problem-too-many-fields-detail = Nada se guardó: se leen a lo más { $most } campos a la vez. Divida lo que envía.
problem-malformed-idempotency-key-title = La clave de idempotencia no sirve
problem-malformed-idempotency-key-detail = «Idempotency-Key» debe tener entre 1 y 200 caracteres.
problem-idempotency-key-reused-title = La clave de idempotencia ya se usó
problem-idempotency-key-reused-detail = Esa clave llegó antes con otro contenido. Use una clave nueva para otra operación.
problem-busy-title = Hay otra escritura en curso
problem-busy-detail = Nada se guardó. Intente de nuevo en un momento.
problem-not-ready-title = El servicio no está listo
problem-not-ready-detail = Está arrancando o por detenerse, o su base de datos no responde. Intente de nuevo en unos segundos.
problem-too-many-streams-title = Demasiadas cosas seguidas a la vez
problem-too-many-streams-detail = Usted sigue ya { $most } cosas a la vez. Cierre una página o programa que siga algo, o espere un momento e intente de nuevo; las consultas corrientes no tienen este límite.
problem-too-many-requests-title = Demasiadas veces en poco tiempo
problem-too-many-requests-detail = { $minutes ->
    [one] Nada se guardó. Espere un minuto e intente de nuevo.
   *[other] Nada se guardó. Espere { $minutes } minutos e intente de nuevo.
}
problem-overloaded-title = El servicio está ocupado
problem-overloaded-detail = Nada se guardó. Intente de nuevo en un momento.
problem-database-gone-title = La base de datos no responde
problem-database-gone-detail = No es seguro que se haya guardado. Intente de nuevo en unos segundos: con la misma «Idempotency-Key» nada se hace dos veces; sin ella, mire primero si ya está hecho.
problem-storage-full-title = No queda espacio
problem-storage-full-detail = Nada se guardó: el servicio no tiene dónde. Leer se puede. Avise a quien lo opera e intente de nuevo más tarde.
problem-bad-request-title = La solicitud no se entiende
problem-bad-request-detail = Revise la solicitud contra la documentación en /docs.
problem-method-not-allowed-title = Método no permitido
problem-method-not-allowed-detail = Esta dirección no admite ese método; los admitidos están en la cabecera «Allow».
problem-timeout-title = Se acabó el tiempo
problem-timeout-detail = La operación tardó demasiado y se canceló. Intente de nuevo.
problem-internal-title = Falló algo nuestro
problem-internal-detail = Nada se guardó. Intente de nuevo; si se repite, avise con el número de solicitud.
problem-buyer-group-of-another-title = Otra institución lleva el grupo comprador
problem-buyer-group-of-another-detail = Movería empresas de un grupo comprador que lleva otra institución. Esa institución ve las declaraciones de las empresas del grupo: pídale que confirme.
problem-last-administrator-title = Es la última persona administradora
problem-last-administrator-detail = Nombre antes a otra persona administradora.
problem-no-membership-title = Sin organización
problem-no-membership-detail = Su cuenta no pertenece a ninguna organización. Pida a su administradora o administrador que le agregue.
problem-wrong-kind-title = Es otra clase de organización
problem-wrong-kind-detail = Ese número tributario pertenece a una organización de otra clase.
problem-lease-lost-title = Otro proceso tomó el trabajo
problem-lease-lost-detail = El resultado de este intento se descarta.

field-repeated = Está más de una vez. Envíelo una sola vez.
field-required = Falta este dato.
field-takes-no-fields = Esta operación no toma datos: envíe un objeto vacío, o nada.
field-unknown-cursor = No es un cursor de esta lista. Empiece desde la primera página.
field-unknown-field = Este campo no existe aquí. Los campos son: { $allowed }.
field-wrong-type = Se esperaba { $expected ->
    [text] un texto
    [number] un número entero
    [boolean] «true» o «false»
    [list] una lista
    [object] un objeto
   *[other] { $expected }
}.
field-wrong-length = Debe tener entre { $least } y { $most } caracteres.
field-out-of-range = Debe estar entre { $least } y { $most }.
field-too-many = Pueden ser a lo más { $most }.
field-unknown-word = Debe ser uno de: { $allowed }.
field-not-a-whole-number = Escriba un número entero, sin puntos ni comas.
field-not-a-time = Escriba un momento como 2026-03-02T14:00:00Z.
field-not-a-day = Escriba una fecha como 2026-03-02.
field-not-a-currency = Escriba un código de moneda ISO 4217, como CLP.
field-not-an-amount = Escriba un monto como 1234.50: dígitos, y punto solo antes de los decimales.
field-too-many-decimals = Tiene más decimales de los que se pueden guardar.
field-too-large = Es demasiado grande.
field-negative = No puede ser negativo.
field-not-an-id = No es un identificador.
field-not-a-share = Escriba una proporción entre 0 y 1, con a lo más seis decimales, como 0.3.
field-not-a-percentage = Escriba un porcentaje entre 0 y 100, con a lo más cuatro decimales, como 30 o 12.5.
field-control-characters = Contiene caracteres que no se pueden mostrar.
field-not-an-email = Escriba un correo como nombre@empresa.cl.
field-not-a-country = Escriba el código de país de dos letras, como CL.
field-wrong-tax-id = No es un número tributario válido de { $country }. Revise los dígitos.
field-tax-id-taken = Ya hay una organización con este número. Si es la suya, pida una invitación a quien la administra, o solicite ingresar con POST /api/v1/membership-requests.
field-email-taken = Ya hay una cuenta con este correo.
field-name-taken = Ya hay uno con este nombre.
field-role-of-another-kind = Ese rol no existe en esta clase de organización.
field-less-than-to-buyers = Es menos que lo que usted declara vender a empresas líderes, en suma { $sum }. Corrija este monto, o antes lo que vende a cada una.
field-more-than-in-all = Con esto declararía vender a empresas líderes { $sum }, más que sus ventas anuales, { $all }. Corrija este monto, o antes sus ventas anuales.
field-other-currency = Sus cifras están en { $currency }; use la misma moneda.
field-choose-organisation = Su cuenta pertenece a varias organizaciones; elija una: { $choice }.

problem-invitation-not-valid-title = La invitación no sirve
problem-invitation-not-valid-detail = La invitación no existe, ya se usó, venció o fue retirada. Pida otra a quien administra su organización.
field-member-already = Esta persona ya pertenece a la organización.
field-wrong-lei = No es un LEI válido: son 20 caracteres y los dos últimos son dígitos de control.
field-lei-taken = Otra organización declaró este LEI. Si es el suyo, avise a la institución promotora.
field-no-such-buyer-group = No es un grupo comprador que pueda ser este: nombre uno de su institución o déjelo en blanco.
field-buyer-group-there-already = Ya existe un grupo comprador con estos nombres. Nómbrelo en buyer_group, o nombre otro de su institución.
field-in-no-buyer-group = Su empresa no está en un grupo comprador. Indique con qué empresa comparte el control.
field-not-a-unspsc-code = Escriba un código UNSPSC de ocho dígitos, como 73181001.
problem-evidence-store-unavailable-title = No podemos guardar archivos ahora
problem-evidence-store-unavailable-detail = El almacén de evidencias no responde. No se guardó nada: intente otra vez en unos minutos.
