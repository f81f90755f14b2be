"""What is of use everywhere: `io` reads, writes and shows arrays and images."""
