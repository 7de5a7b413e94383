"""How far exported weights are apart, as other programs open them.

    python exported.py MODEL ADAPTER MERGED

Prints the largest differences between logits: of the adapter by PEFT and the merged model, and of the adapter and the
model without it.
"""

import json
import sys

import torch
from peft import PeftModel
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

base, adapter, merged = sys.argv[1:]
processor = AutoProcessor.from_pretrained(merged)
content = [{"type": "image"}, {"type": "text", "text": "Is the red cube left of the ball?"}]
text = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
inputs = processor(text=[text], images=[Image.effect_noise((300, 200), 80).convert("RGB")], return_tensors="pt")
model = AutoModelForImageTextToText.from_pretrained(base)
with torch.no_grad():
    plain = model(**inputs).logits
    learnt = PeftModel.from_pretrained(model, adapter).eval()(**inputs).logits
    added = AutoModelForImageTextToText.from_pretrained(merged)(**inputs).logits
gaps = {"merged": (added - learnt).abs().max().item(), "learnt": (learnt - plain).abs().max().item()}
print(json.dumps(gaps | {"tokens": int((inputs["input_ids"] == model.config.image_token_id).sum())}))
