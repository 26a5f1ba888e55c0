problem-not-found-title = x
