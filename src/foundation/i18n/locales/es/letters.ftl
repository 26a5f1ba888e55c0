# Cartas (correos): qué pasó y dónde verlo, nada más.
letter-notices-subject = Eslabón: { $count } novedades
letter-notices-for = Novedades para { $organisation }:
letter-notices-more = Y { $count } más en su bandeja:
letter-notices-how = Usted elige de qué se le avisa, y cómo, aquí:
letter-invitation-subject = { $organisation } lo invita a Eslabón
letter-invitation-text = { $organisation } lo invita a participar en Eslabón, el servicio de desarrollo de proveedores de su programa. La invitación vale una semana, y una sola vez. Si no la esperaba, no haga nada. Para aceptarla:
letter-reset-subject = Una contraseña nueva para su cuenta
letter-reset-text = Alguien pidió reemplazar la contraseña de su cuenta en Eslabón. Si no fue usted, no haga nada: su contraseña sigue valiendo. Si fue usted, elija otra aquí, dentro de una hora:
problem-mail-unavailable-title = El correo no sale ahora
problem-mail-unavailable-detail = El servidor de correo no tomó la carta. Se intenta de nuevo.
