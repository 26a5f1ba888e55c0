field-criterion-without-bound = Give at least a minimum, a maximum or an expected value.
field-criterion-bounds-crossed = The maximum can't be below the minimum.
field-criterion-expected-alone = An expected value stands alone: take minimum and maximum away.
