# El registro de auditoría en pantalla.
trail-title = Registro
trail-why = Qué hizo cada persona de su organización, y la prueba de que nadie lo ha cambiado.
trail-lead = Lo último que hicieron las personas de su organización, lo más nuevo primero. Cada entrada está en un registro firmado: nadie puede cambiarla, moverla ni quitarla sin que se note.
trail-none = Todavía no hay nada.
trail-proof = Prueba
trail-proof-lead = Con la entrada, el camino y el punto de control, cualquiera comprueba que la entrada está en el registro: eslabon audit verify lo hace sin este servicio.
trail-operation = Qué
trail-subject = Sobre
trail-number = Número
trail-position = Lugar en el registro
trail-leaf = Huella de la entrada
trail-path = Camino hasta la raíz
trail-checkpoint = Punto de control firmado
trail-not-yet = Todavía sin prueba
trail-not-yet-lead = La entrada está escrita, y entra en el próximo punto de control: a lo más en diez minutos. Vuelva entonces.
