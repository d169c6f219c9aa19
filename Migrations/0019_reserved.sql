-- A number that was kept free while several changes were made side by side; it changes nothing.
SELECT 1;
