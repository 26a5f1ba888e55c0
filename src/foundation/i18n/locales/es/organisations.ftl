problem-conflict-of-interest-title = Tiene un conflicto de interés declarado
problem-conflict-of-interest-detail = Consta un interés suyo en { $organisation }, o usted se abstuvo de lo que le concierne. Nada se decidió: pida que decida otra persona.
problem-interest-recorded-by-another-title = Lo registró otra persona
problem-interest-recorded-by-another-detail = Una persona administradora registró este interés suyo: solo ella, u otra administradora, lo da por terminado.

field-not-an-institution-of-yours = No es una institución que trabaje con su empresa.
field-no-person-of-the-institution = No es una persona de esa institución.
