"""Operations and the theatres they are done in."""
