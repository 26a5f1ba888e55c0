problem-nobody-to-measure-title = No hay a quién medir
problem-nobody-to-measure-detail = Ninguna empresa pertenece todavía a esta red. Abra la ronda cuando haya proveedores seleccionados.
problem-round-closed-title = La ronda está cerrada
problem-round-closed-detail = Ya no recibe respuestas, porque sus cifras se dieron a conocer. Responda en la ronda siguiente.
problem-measurement-of-another-title = Lo informa otro
problem-measurement-of-another-detail = Este indicador lo informa: { $reporter }. Su organización puede verlo, no responderlo.

field-moment-measured-already = La red tiene ya una ronda para este momento.
field-moments-out-of-order = La ronda "{ $moment }" tiene como día de referencia el { $day }; el orden de los días debe ser el de los momentos.
field-value-or-unknown = Escriba un valor con su unidad, o la razón por la que no se sabe.
field-known-and-unknown = Hay un valor y una razón por la que no se sabe. Deje uno de los dos.
field-note-beside-a-value = La nota acompaña una razón por la que no se sabe. Con un valor, sáquela.
field-unit-without-a-value = La unidad acompaña un valor. Sáquela, o escriba el valor.
field-reason-of-the-service = Esa razón la da solo el sistema. Elija otra.
field-other-unit = Este indicador se mide en { $unit }. Conviértalo y escriba esa unidad.

problem-own-practice-title = Usted escribió esta práctica
problem-own-practice-detail = Nadie revisa lo que escribió. Pida a otra persona de la institución que la revise.
field-no-network-to-cite = El programa no tiene una red con este identificador, o usted no la ve. Solo la institución cita cifras de sus redes.
field-no-such-indicator = No hay un indicador con este código. Vea la lista de indicadores.
field-no-programme-of-ones-own = Su organización no participa en un programa con este identificador. Revíselo.
field-figure-not-told = Esta cifra no se da a conocer: hay menos de cinco empresas, la ronda está abierta o nada se comparó. Pida que se la saque.
field-no-tag = Una etiqueta tiene a lo más 40 caracteres y ninguna barra.
field-baseline-beside-itself = La línea de base se compara con un momento posterior. Elija ese momento.

funnel-invited = Invitado o postulante
funnel-selected = Seleccionado
funnel-diagnosed = Diagnosticado
funnel-gap-act-agreed = Acta de brechas convenida
funnel-plan-agreed = Plan de mejora convenido
funnel-matched = Emparejado
funnel-approved = Aprobado
funnel-contracted = Con contrato
market-marks-note = El índice del mercado es contexto. Las marcas 1000, 1800 y 2500 son filtros de fusiones (guías de Estados Unidos de 2023 y 2010, y de la Unión Europea de 2004), no umbrales de dependencia.
problem-nothing-to-evaluate-title = No hay cifras que evaluar
problem-nothing-to-evaluate-detail = De ese momento no hay ninguna cifra del programa que se pueda contar: cierre las rondas de la línea de base y de ese momento, con cinco empresas o más en ambas.
