"""What looks wrong in the rows in use, and costs none of them."""
