problem-entry-not-in-checkpoint-title = Aún no hay comprobante
problem-entry-not-in-checkpoint-detail = El asiento todavía no está en ningún punto de control firmado: se firma uno cada diez minutos. Intente de nuevo más tarde.
problem-trail-diverged-title = El registro no continúa lo que se firmó
problem-trail-diverged-detail = Antes se firmaron { $size } asientos, y los de esta base de datos son otros o menos: quizá se repuso una copia anterior. «eslabon audit verify» dice qué falta.
