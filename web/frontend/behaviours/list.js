// Lists under the keyboard.
