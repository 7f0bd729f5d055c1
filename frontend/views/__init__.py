"""One frozen dataclass per page: all that its template may see. Handlers build them; ``frontend.render.page`` shows them."""
