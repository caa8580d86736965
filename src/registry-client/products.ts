/** Software that anyone may host: only the realm in its challenge identifies it. */
export const PRODUCTS = {
  artifactory: {
    realm: /artifactory/i,
    advice: {
      rejected: 'use an access or identity token, and the user it was made for',
      denied: 'give the user read access to the repository',
    },
  },
  nexus: {
    realm: /sonatype|nexus/i,
    advice: {
      rejected:
        'check that the realm of that user, or for tokens the Docker Bearer Token Realm, is active',
      denied: 'give the user a role with the read privilege for the repository',
    },
  },
};

export type Product = keyof typeof PRODUCTS;

export function findProduct(realm: string): Product | undefined {
  return (Object.keys(PRODUCTS) as Product[]).find((name) => PRODUCTS[name].realm.test(realm));
}
