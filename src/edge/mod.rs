//! What every interface needs: who is calling, problems, ranges, limits.
