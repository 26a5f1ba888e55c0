//! Pages: layout, sessions and forms.
