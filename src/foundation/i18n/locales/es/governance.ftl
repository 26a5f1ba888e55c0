problem-not-your-function-title = Esa función es de otra institución
problem-not-your-function-detail = En este programa, lo que intenta corresponde a la función «{ $function }», que su institución no tiene. Pídalo a la que la tiene, o a la dirección estratégica que la designe.
problem-not-the-appointed-title = La designación es de otra institución
problem-not-the-appointed-detail = Solo responde la institución designada. Espere su respuesta, o retire la designación.
problem-appointed-already-title = Ya está designada
problem-appointed-already-detail = Esa designación ya cambió. Vuelva a leerla antes de intentar otra cosa.
problem-funds-not-free-title = Esos fondos no están libres
problem-funds-not-free-detail = Lo que está reservado para convocatorias o comprometido con proyectos no se retira. Quedan libres { $free }.

field-no-such-institution = No encontramos esa institución. Revise el dato.
field-appointed-already = La institución ya tiene esa función, o aún no ha respondido a la designación anterior.
field-not-a-weakness-of-the-model = No es una debilidad conocida de este tipo de coordinación. Quítela, o cambie el tipo.

weakness-political-swings = Vaivenes políticos: lo que un gobierno empieza, el siguiente lo termina.
weakness-private-distrust = Desconfianza del sector privado.
weakness-hard-to-control = Es difícil de controlar, de premiar y de sancionar.
weakness-hard-to-create = Es difícil de crear: hay que poner de acuerdo al sector público y al privado.
weakness-sustainability = Sostenibilidad: seguir en pie cuando se acaban los primeros fondos.
weakness-continuity = Continuidad y acumulación de conocimiento: lo aprendido se va con las personas.
