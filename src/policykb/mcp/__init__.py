"""What an assistant may ask a knowledge base, by the Model Context Protocol; `server.serve` answers it."""
