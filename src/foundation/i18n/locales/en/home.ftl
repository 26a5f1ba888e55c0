home-title = What to do now
