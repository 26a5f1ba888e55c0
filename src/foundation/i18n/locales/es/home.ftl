home-title = Qué hacer ahora
