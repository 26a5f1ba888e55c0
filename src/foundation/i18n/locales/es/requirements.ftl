problem-requirement-incomplete-title = El requerimiento está incompleto
problem-requirement-incomplete-detail = Para publicarlo, agregue al menos un lote y el precio de referencia de cada lote. Nada se publicó.
problem-already-imported-title = Ya se importó
problem-already-imported-detail = El programa ya tiene un requerimiento con esa referencia. Nada se guardó.

field-no-such-programme = Su empresa no participa en un programa con este identificador. Revíselo, o pida a la institución promotora que la incorpore.
field-no-such-network = Su empresa no participa en una red abierta de este programa con este identificador. Revíselo, o publique para todo el programa.
