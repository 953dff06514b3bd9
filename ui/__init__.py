"""What people see and clients call. Knows gradio, and of the engine only its public names."""
