# Importing tables on pages.
import-title = Import lots from a file
import-lead = Choose a CSV or XLSX file. What was read is shown first, with everything that needs correcting; nothing changes until you confirm it. Lots of the same name are rewritten, the others added.
import-file = File with the lots
import-file-hint = CSV or XLSX, up to 512 KB. The first row names the columns.
import-look = See what is in it
import-found = What is in the file
import-wrong = { $count ->
    [one] There is one thing to correct. Correct it in the file and choose it again; nothing was imported.
   *[other] There are { $count } things to correct. Correct them in the file and choose it again; nothing was imported.
}
import-problems = What needs correcting
import-would = { $created } would be added, { $changed } rewritten, and { $unchanged } stay as they are.
import-row = Row
import-column = Column
import-problem = What to correct
import-outcome = What would happen
import-outcome-created = is added
import-outcome-changed = is rewritten
import-outcome-unchanged = stays the same
import-outcome-wrong = to be corrected
import-confirm = Import the lots
import-other = Choose another file
import-columns = Columns that are understood
import-needed = needed
import-link = Import from a file
field-table-file-too-large = The file is too large: { $most } KB fit here. Divide it, or import it through the API.
field-not-a-table-file = Choose a CSV or XLSX file whose first row names the columns.
page-field-ambiguous-number = It can be read as { $one } or as { $other }. Write { $one } or { $other }0, whichever you mean.
page-no-table-detail = The first row must name the columns, such as name, process, unit and quantity.
