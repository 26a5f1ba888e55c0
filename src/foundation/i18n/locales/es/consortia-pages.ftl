# Consorcios en pantalla.
consortia-title = Consorcios
consortia-lead = Proveedores que ofrecen como uno, con su capacidad reunida.
consortia-none = No hay ninguno.
programme-consortia-why = Ofrecer junto con otros proveedores.
consortium-new = Formar un consorcio
consortium-new-lead = Su empresa habla por él y hace las ofertas. Ofrece cuando todos los nombrados hayan aceptado.
consortium-name = Nombre
consortium-network = Dónde ofrece
consortium-network-hint = En una sola red, o en todo el programa.
consortium-whole = En todo el programa
consortium-members = Integrantes
consortium-members-hint = Su empresa ya está. Nombre a las demás por su número tributario; si hay alguien detrás, se sabrá cuando acepte.
consortium-form = Formar el consorcio
consortium-size = { $count ->
    [one] una empresa
   *[other] { $count } empresas
}
consortium-state-forming = En formación
consortium-state-ready = Listo para ofrecer
consortium-state-dissolved = Disuelto
consortium-answer-invited = Por responder
consortium-answer-accepted = Aceptó
consortium-answer-declined = No participa
consortium-says = Responde
consortium-speaker = (habla por el consorcio)
consortium-asked = Le piden participar
consortium-asked-why = Acepta con los integrantes que aquí ve. Si cambian, se le pregunta de nuevo.
consortium-accept = Participar
consortium-leave = Dejar el consorcio
consortium-remove = Quitar
consortium-ask = Sumar una empresa
consortium-ask-why = Quienes ya habían aceptado responden de nuevo.
consortium-ask-button = Sumar
consortium-decline-title = ¿No participar?
consortium-decline-about = Deja de ver el consorcio, y este no ofrece mientras no se le reemplace. Lo aprobado se mantiene.
consortium-decline-confirm = No participar
consortium-dissolve-title = ¿Disolver el consorcio?
consortium-dissolve-about = No ofrece más, y no se puede rehacer. Lo aprobado se mantiene.
consortium-dissolve-confirm = Disolver
offer-joint = Oferta de { $consortium }
offer-joint-title = Ofrecer en consorcio
