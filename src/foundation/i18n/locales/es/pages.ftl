# Lo que muestran todas las páginas.
layout-skip = Ir al contenido
layout-menu = Secciones
layout-printed = Programa { $programme }. Impreso el { $moment }.
layout-menu-open = Menú
layout-menu-close = Cerrar el menú
menu-home = Inicio
menu-diagnostics = Diagnóstico
layout-switch = Cambiar de organización
layout-log-out = Salir
layout-about = Eslabón: desarrollo de proveedores en redes verticales.
layout-other-language = English
course-title = Cómo avanza
course-done = hecho
list-count = { $number ->
    [one] 1 en total
   *[other] { $number } en total
}
list-find = Buscar
list-none-such = Ninguno cumple lo que se busca.
list-pages = Páginas de la lista
list-previous = Anteriores
list-next = Siguientes
form-error = Error:
form-saved-now = Guardado ahora:
form-saved-choice = guardado ahora
confirm-reason = Motivo
confirm-reason-hint = Al menos diez caracteres. Lo leerá a quien concierne.
confirm-cancel = Cancelar
problem-page-home = Ir al inicio
problem-page-unchanged = No se guardó ni se cambió nada.
problem-page-request = Número de solicitud, por si pide ayuda:

moment-in-words = { $day }, { $time } (hora de { $place })
moment-in-utc = { $day }, { $time } UTC
day-in-words = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year }

# Los problemas, dichos a personas: qué pasó con los datos y qué hacer.
page-not-found-detail = Esa página no existe, o su organización no puede verla. No se perdió nada: vuelva al inicio y llegue desde ahí.
page-bad-request-detail = El navegador envió algo que no se entiende. Nada se guardó. Vuelva atrás y repita.
page-method-not-allowed-detail = A esta dirección no se llega así. Nada se guardó: vuelva al inicio.
page-version-required-detail = Al formulario le falta la versión que usted leyó. Nada se guardó: abra la página de nuevo.
page-stale-version-detail = Nada se guardó todavía. Lo que usted escribió sigue aquí abajo, junto a lo que está guardado ahora: revíselo y envíelo de nuevo si todavía corresponde.
page-invalid-fields-detail = Nada se guardó todavía. Lo que usted escribió sigue aquí.
page-too-large-detail = Lo que envió es demasiado grande. Nada se guardó: vuelva atrás y acórtelo.
page-timeout-detail = La página tardó demasiado y se canceló. Nada se guardó: vuelva atrás y repita.
problem-cross-site-title = El formulario no venía de estas páginas
problem-cross-site-detail = Nada se guardó. Su navegador dijo que el formulario se envió desde otro sitio. Abra la página aquí y envíelo de nuevo.

# Entrada
login-title = Entrar
login-lead = Con el correo y la contraseña de su cuenta.
login-email = Correo electrónico
login-password = Contraseña
login-button = Entrar
login-forgotten = Olvidé mi contraseña
forgotten-title = Contraseña olvidada
forgotten-lead = Escriba el correo de su cuenta. Le enviaremos un enlace con el que elegir otra contraseña.
forgotten-button = Enviar el enlace
forgotten-sent-title = Revise su correo
forgotten-sent-lead = Si hay una cuenta con ese correo, en unos minutos llega un enlace que vale una hora.
forgotten-sent-none = ¿No llega? Mire en el correo no deseado, y compruebe que escribió la dirección de su cuenta.
new-password-title = Elija otra contraseña
new-password-lead = Con ella entrará de ahora en adelante. Todas sus sesiones abiertas se cierran, y sus claves de la API dejan de valer.
new-password-password = Contraseña nueva
new-password-hint = Al menos diez caracteres, y que no sea de las que usa todo el mundo. Varias palabras sirven bien.
new-password-button = Reemplazar la contraseña
password-replaced-title = Su contraseña cambió
password-replaced-lead = Las sesiones que estaban abiertas se cerraron. Entre con la contraseña nueva.
invitation-title = Acepte la invitación
invitation-lead = { $organisation } lo invita a participar.
invitation-new = La invitación es para { $email }. Diga cómo se llama y elija una contraseña.
invitation-known = La invitación es para { $email }, que ya tiene una cuenta. Escriba la contraseña de esa cuenta.
invitation-name = Nombre y apellido
invitation-notice = Acepto el aviso sobre mis datos personales
invitation-notice-read = Leer el aviso
invitation-button = Aceptar
problem-reset-not-valid-title = El enlace no sirve
problem-reset-not-valid-detail = No existe, ya se usó o su hora pasó. Pida otro.
choice-title = ¿Por cuál organización actúa ahora?
choice-lead = Su cuenta pertenece a varias. Puede cambiar cuando quiera, arriba a la derecha.
choice-button = Continuar
choice-required = Elija una organización.
session-over-title = Su sesión terminó
session-over-lead = Nada se guardó todavía, y nada de lo que escribió se perdió.
session-over-open = Entre de nuevo en otra pestaña
session-over-then = Después vuelva a esta y envíe lo mismo otra vez:
session-over-button = Enviar de nuevo
session-over-why = Una sesión termina a los 30 minutos sin uso, o a las 12 horas.
logged-out-title = Ha salido
logged-out-lead = Su sesión se cerró en este equipo.
logged-out-again = Entrar de nuevo

role-supplier_reader = Proveedor: consulta
role-supplier_member = Proveedor
role-supplier_administrator = Proveedor: administración
role-lead_firm_reader = Empresa líder: consulta
role-lead_firm_member = Empresa líder
role-lead_firm_administrator = Empresa líder: administración
role-institution_reader = Institución: consulta
role-officer = Institución: gestión de programas
role-approver = Institución: aprobación
role-institution_administrator = Institución: administración
form-optional = Opcional.
upload-hint = PDF, JPEG, PNG o WebP, de hasta 10 MB. De las fotos se quitan el lugar y la fecha en que se tomaron.
list-download = Descargar la lista:
list-table-download = Descargar esta tabla:
list-filter = Filtro
list-all = Todo
layout-done = Listo. Quedó registrado con el número
layout-session-ends = Su sesión termina en { $minutes } minutos sin uso. Nada de lo que escribió se pierde.
layout-session-stay = Seguir conectado
