problem-diagnostic-under-way-title = Ya hay un diagnóstico en curso
problem-diagnostic-under-way-detail = Su organización está respondiendo el diagnóstico { $id }. Continúe con él y envíelo antes de comenzar otro.
problem-no-instrument-title = No hay instrumento
problem-no-instrument-detail = Solo se diagnostican proveedores y empresas líderes.
problem-older-revision-title = Hay una respuesta más reciente
problem-older-revision-detail = La respuesta guardada tiene la revisión { $revision }; no se cambió nada. Léala y envíe la suya con una revisión mayor.
problem-diagnostic-empty-title = El diagnóstico está vacío
problem-diagnostic-empty-detail = Responda al menos una pregunta antes de enviarlo.

field-answer-or-not-applicable = Indique un valor, o bien que la pregunta no se aplica: uno de los dos.
field-no-such-level = Ese nivel no existe. Los niveles son: { $levels }.
field-not-yes-or-no = Responda sí (true) o no (false).
field-not-a-figure = Escriba un número como 97.5: dígitos, y un punto solo antes de los decimales (seis como máximo).
field-not-an-expiry = Escriba el día en que vence el certificado, por ejemplo 2027-01-31, o false si no lo tiene.
field-issuer-without-certificate = El emisor solo se indica con un certificado vigente o vencido: escriba también su fecha de vencimiento.
