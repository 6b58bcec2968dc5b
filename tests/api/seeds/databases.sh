# Add a database
curl -X POST http://localhost:3000/api/v1/databases \
-H "Authorization: Bearer YOUR_API_KEY" \
-H "Content-Type: application/json" \
-d '{
"name": "Production Database",
"host": "db.example.com",
"port": 3306,
"database": "app_production",
"username": "altus4_user",
"password": "secure_password_123",
"ssl": false
}'

# Get its schema
curl -X GET "http://localhost:3000/api/v1/databases/db_abc123def456/schema" \
-H "Authorization: Bearer YOUR_API_KEY"
