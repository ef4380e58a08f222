document.getElementById("pick").addEventListener("change", async function () {
  if (this.files.length) document.getElementById("file").value = await this.files[0].text();
});
