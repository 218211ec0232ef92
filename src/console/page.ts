document.body.append('The console.')
