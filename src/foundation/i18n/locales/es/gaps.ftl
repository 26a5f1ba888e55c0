field-criterion-without-bound = Indique al menos un mínimo, un máximo o un valor esperado.
field-criterion-bounds-crossed = El máximo no puede ser menor que el mínimo.
field-criterion-expected-alone = Un valor esperado va solo: quite el mínimo y el máximo.
