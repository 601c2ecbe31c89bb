"""SAM templates read as a stack: functions, resources, triggers."""
