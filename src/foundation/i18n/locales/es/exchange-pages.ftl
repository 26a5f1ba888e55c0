# Importar tablas en las páginas.
import-title = Importar lotes desde un archivo
import-lead = Elija un archivo CSV o XLSX. Primero se muestra lo que se leyó y todo lo que haya que corregir; nada cambia hasta que usted lo confirme. Los lotes del mismo nombre se reescriben y los demás se agregan.
import-file = Archivo con los lotes
import-file-hint = CSV o XLSX, hasta 512 KB. La primera fila nombra las columnas.
import-look = Ver lo que contiene
import-found = Lo que contiene el archivo
import-wrong = { $count ->
    [one] Hay una cosa que corregir. Corríjala en el archivo y elíjalo de nuevo; no se importó nada.
   *[other] Hay { $count } cosas que corregir. Corríjalas en el archivo y elíjalo de nuevo; no se importó nada.
}
import-problems = Lo que hay que corregir
import-would = Se agregarían { $created }, se reescribirían { $changed } y quedarían como están { $unchanged }.
import-row = Fila
import-column = Columna
import-problem = Qué corregir
import-outcome = Qué pasaría
import-outcome-created = se agrega
import-outcome-changed = se reescribe
import-outcome-unchanged = queda igual
import-outcome-wrong = por corregir
import-confirm = Importar los lotes
import-other = Elegir otro archivo
import-columns = Columnas que se entienden
import-needed = obligatoria
import-link = Importar desde un archivo
field-table-file-too-large = El archivo es demasiado grande: aquí caben { $most } KB. Divídalo, o impórtelo por la API.
field-not-a-table-file = Elija un archivo CSV o XLSX cuya primera fila nombre las columnas.
page-field-ambiguous-number = Puede leerse como { $one } o como { $other }. Escriba { $one } o { $other }0, según lo que quiera decir.
page-no-table-detail = La primera fila debe nombrar las columnas, como nombre, proceso, unidad y cantidad.
