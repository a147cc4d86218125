from django.contrib.auth.models import User
from django.db import models


class Study(models.Model):
    study_uid = models.CharField(max_length=64)
    radiology_order_id = models.IntegerField(null=True)
    patient_id = models.CharField(max_length=64)


class Image(models.Model):
    study = models.ForeignKey(Study, on_delete=models.CASCADE)
    series_uid = models.CharField(max_length=64)
    image_uid = models.CharField(max_length=64)
    file = models.FileField(upload_to="unused")
    checksum = models.CharField(max_length=64)
    file_size = models.IntegerField()
    filename = models.CharField(max_length=255)
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
