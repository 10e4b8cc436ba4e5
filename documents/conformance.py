"""A PDF/A-3a file comes in; the same file that also declares itself accessible (PDF/UA-1) goes out.

WeasyPrint writes one standard or the other. The declaration needs its own schema described in the
metadata, else the archive standard refuses it; pikepdf then writes with an identifier made from
the content, so that the same document is always the same bytes.
"""

from io import BytesIO

import pikepdf

_DECLARATION = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
_END = b"</rdf:RDF>"


def finish(content: bytes) -> bytes:
    """Inside the RDF root: beside it the file would no longer be valid XML, and never signed."""
    with pikepdf.open(BytesIO(content)) as pdf:
        metadata = pdf.Root.Metadata
        said, end, rest = metadata.read_bytes().rpartition(_END)
        metadata.write(said + _DECLARATION + end + rest)
        finished = BytesIO()
        pdf.save(finished, deterministic_id=True)
    return finished.getvalue()
