"""Django's PostgreSQL, which stops asking for a moment when nobody is there to answer."""
