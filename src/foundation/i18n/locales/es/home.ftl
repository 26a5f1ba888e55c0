home-title = Qué hacer ahora
home-factor = Configurar su segundo factor
home-factor-why = Sin él no puede aprobar emparejamientos, propuestas, excepciones ni pagos.
home-factor-missing = Falta
home-diagnostic = Comenzar el diagnóstico
home-diagnostic-why = Sin un diagnóstico vigente, su empresa no puede recibir lotes.
home-diagnostic-why-lead-firm = Las empresas líderes también se diagnostican: pagos, pronósticos, asistencia técnica.
home-diagnostic-missing = Pendiente
home-diagnostic-go-on = Continuar el diagnóstico
home-diagnostic-saved = Lo respondido está guardado.
home-diagnostic-under-way = En curso
home-diagnostic-see = Ver el diagnóstico
home-diagnostic-valid = Vigente
home-matches = Emparejamientos propuestos
home-matches-why = Contratos que esperan la respuesta de su empresa.
home-approve = Emparejamientos por aprobar
home-approve-why = Aceptados por las dos empresas, con la dependencia antes y después.
home-due = { $number ->
    [one] 1 espera su decisión
   *[other] { $number } esperan su decisión
}
home-none-due = Nada pendiente
home-requirements-supplier = Lo que piden las empresas líderes, y qué le falta a su empresa para cumplirlo.
home-requirements-lead-firm = Sus lotes y criterios, y las brechas de los proveedores que le dieron permiso.
home-requirements-institution = Lo que piden las empresas líderes de sus programas, con las brechas de los proveedores.
menu-new = por leer
